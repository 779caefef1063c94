/**
 * What linked code calls, as JavaScript text that appears once before the function of a bundle. Names begin with `$tm`, which
 * no source may use.
 */
export const linkRuntime =
  'const $tmDefine=Object.defineProperty,$tmPromise=Promise,$tmFreeze=Object.freeze,$tmTag=Symbol.toStringTag;' +
  // Evaluates a module on the first request; what it threw is thrown again later.
  'const $tmOnce=(evaluate)=>{let state=0,failure;return()=>{if(state===1)return;if(state===2)throw failure;state=1;' +
  'try{evaluate()}catch(error){state=2;failure=error;throw error}}};' +
  'const $tmKeep=(make)=>{let made;return()=>made??=make()};' +
  'const $tmNamespace=(object)=>$tmFreeze($tmDefine(object,$tmTag,{value:"Module"}));' +
  'const $tmForRequire=(object)=>$tmDefine(object,"__esModule",{value:true});' +
  'const $tmAll=(exports)=>({__proto__:null,...exports,default:exports});' +
  'const $tmStar=({default:_,...named})=>named;' +
  'const $tmDefaultOf=(exports)=>exports?.__esModule?exports.default:exports;' +
  'const $tmName=(target)=>$tmDefine(target,"name",{value:"default",configurable:true});' +
  'const $tmFrom=(exports,id,names)=>{for(const name of names)if(!(name in exports))' +
  'throw new SyntaxError(`"${id}" has no export named "${name}"`);return exports};' +
  'const $tmLater=(load)=>$tmPromise.resolve().then(load);' +
  // `require` in one file. The engine's own one can load more than the bundle.
  'const $tmRequireBy=(resolve,engine,file)=>{const outer=engine.from?.(file)??engine;' +
  'return Object.assign((id)=>resolve(id,outer),outer)};' +
  'const $tmCommonJs=(evaluate,resolve,outer,filename,path,name=filename)=>{let module;return()=>{if(module===undefined){' +
  'const require=$tmRequireBy(resolve,outer,filename);' +
  'module={__proto__:{require},id:name,path,exports:{},filename:name===filename?name:`${path}/${name}`,loaded:false,children:[],paths:[]};' +
  'try{Reflect.apply(evaluate,module.exports,[module.exports,require,module,name,name===filename?path:"."])}' +
  'catch(error){module=undefined;throw error}module.loaded=true}return module.exports}};' +
  // `import.meta`, as in Node.
  'const $tmMetaOf=(require,url,filename,dirname)=>({__proto__:null,...dirname===void 0?{}:{dirname,filename},resolve:(specifier)=>{' +
  'specifier=`${specifier}`;if(/^(?:\\.{0,2}\\/|file:|data:|node:)/.test(specifier))return new URL(specifier,url).href;' +
  'const{createRequire,isBuiltin}=require("node:module");if(isBuiltin(specifier))return`node:${specifier}`;' +
  'return require("node:url").pathToFileURL(createRequire(filename).resolve(specifier)).href},url});';
