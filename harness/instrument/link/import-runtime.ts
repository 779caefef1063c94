/**
 * What linked code calls for `import()`, as JavaScript text that appears once before the function of a bundle, after
 * `linkRuntime`.
 *
 * The objects that import() returns have the properties of real module namespaces: data that looks writable and is not, which
 * only a proxy can imitate. Those that only `import * as` provides are plain frozen objects, which are faster.
 */
export const importRuntime =
  'const{keys:$tmKeys,entries:$tmEntries,preventExtensions:$tmSeal,getOwnPropertyDescriptor:$tmOwn,is:$tmSame}=Object,' +
  '$tmProxy=Proxy,$tmAssign=Object.assign,$tmDefineTo=Reflect.defineProperty;' +
  'const $tmExact=(object)=>{const names=$tmKeys(object).sort(),target={__proto__:null};' +
  // Inspecting a proxy shows its target, so known values are kept there.
  'for(const name of names){let value;try{value=object[name]}catch{}' +
  '$tmDefine(target,name,{value,writable:true,enumerable:true})}' +
  '$tmSeal($tmDefine(target,$tmTag,{value:"Module"}));' +
  'return new $tmProxy(target,{set:()=>false,deleteProperty:(_,key)=>!(key in target),' +
  'get:(_,key)=>key===$tmTag?"Module":key in target?target[key]=object[key]:void 0,' +
  'getOwnPropertyDescriptor:(_,key)=>{if(key!==$tmTag&&key in target)target[key]=object[key];return $tmOwn(target,key)},' +
  'defineProperty:(_,key,wanted)=>{if(key===$tmTag)return $tmDefineTo(target,key,wanted);' +
  'if(!(key in target)||wanted.configurable===true||wanted.enumerable===false||wanted.writable===false||' +
  '"get"in wanted||"set"in wanted)return false;return!("value"in wanted)||$tmSame(wanted.value,object[key])}})};' +
  // Anything that is not an ES module of the bundle has one namespace for all importers, with the exports it had at first.
  'const $tmNamespaces=()=>{const made=new Map;return(id,make)=>{let namespace=made.get(id);' +
  'if(namespace===void 0)made.set(id,namespace=make());return namespace}};' +
  // What lasts for many executions keeps its namespace for all of them: collecting many exports is slow.
  'const $tmKept=new WeakMap,$tmExternal=(exports)=>{if(!$tmIsObject(exports))return $tmExact($tmAll(exports));' +
  'let namespace=$tmKept.get(exports);' +
  'if(namespace===void 0)$tmKept.set(exports,namespace=$tmExact($tmAll(exports)));return namespace};' +
  'const $tmRefuse=(message)=>{throw new SyntaxError(message)};' +
  'const $tmRejected=(error)=>new $tmPromise((_,reject)=>reject(error));' +
  'const $tmIsObject=(value)=>typeof value==="object"&&value!==null||typeof value==="function";' +
  'const $tmTypeError=(code,message)=>$tmAssign(new TypeError(message),{code});' +
  // The type that the second argument of import() asks for.
  'const $tmTypeOf=(options)=>{if(options===void 0)return;' +
  'if(!$tmIsObject(options))throw new TypeError("The second argument of import() must be an object");' +
  'const attributes=options.with;if(attributes===void 0)return;' +
  'if(!$tmIsObject(attributes))throw new TypeError("`with` in the second argument of import() must be an object");' +
  'const all=$tmEntries(attributes);' +
  'for(const[name,value]of all)if(typeof value!=="string")' +
  'throw new TypeError(`The import attribute "${name}" must be a string`);' +
  'let type;for(const[name,value]of all){if(name!=="type"||value!=="json")' +
  'throw $tmTypeError("ERR_IMPORT_ATTRIBUTE_UNSUPPORTED",`The import attribute "${name}" with the value "${value}" is not supported`);' +
  'type=value}return type};' +
  'const $tmCheckType=(type,isData,specifier)=>{if(type==="json"&&!isData)' +
  'throw $tmTypeError("ERR_IMPORT_ATTRIBUTE_TYPE_INCOMPATIBLE",`"${specifier}" is not of the type "json"`)};' +
  'const $tmLaterAs=(load,isData,specifier,options)=>{try{const type=$tmTypeOf(options);' +
  'return $tmLater(()=>($tmCheckType(type,isData,specifier),load()))}catch(error){return $tmRejected(error)}};' +
  // A name computed at run time: a module of the bundle if there is one, otherwise what Node loads.
  'const $tmImportBy=(require,namespaceOf)=>(file)=>(specifier,options)=>{try{specifier=`${specifier}`;' +
  'const type=$tmTypeOf(options);return $tmLater(()=>{' +
  'const found=require.locate(specifier,file);$tmCheckType(type,found.endsWith(".json"),specifier);' +
  'const give=()=>{const compiled=require.offered?.(found);if(compiled!==void 0)return compiled[1]();' +
  'const loaded=require.from(file)(found);if(!require.isModule(loaded))return namespaceOf(found,()=>$tmExternal(loaded));' +
  // What exists only for `require` does not exist for import().
  'if(!("__esModule"in loaded))return loaded;return namespaceOf(found,()=>{const exports={__proto__:null};' +
  'for(const name of $tmKeys(loaded))if(name!=="__esModule")' +
  '$tmDefine(exports,name,{get:()=>loaded[name],enumerable:true});return $tmExact(exports)})};' +
  'const bringing=require.bring?.(found);return bringing===void 0?give():bringing.then(give)})}' +
  'catch(error){return $tmRejected(error)}};';
