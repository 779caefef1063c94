/**
 * What linked code calls, as JavaScript text that appears once before the function of a bundle. Names begin with `$tm`, which
 * no source may use.
 */
export const linkRuntime =
  'const{apply:$tmApply}=Reflect,$tmDefine=Object.defineProperty,$tmPromise=Promise,$tmFreeze=Object.freeze,$tmTag=Symbol.toStringTag;' +
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
  // `require` in one file, for what is not in the bundle: the engine's own one can load more.
  'const $tmOutside=(engine,file)=>engine.from?.(file)??engine;' +
  // The same with all its properties, for a module that uses more than calls of it.
  'const $tmRequireBy=(resolve,engine,file)=>Object.assign((id)=>resolve(id),$tmOutside(engine,file));' +
  'const $tmPaths=(engine,path)=>engine("node:module")._nodeModulePaths?.(path)??[];' +
  // `parent` has no value for what is imported, and is null for the file that a process begins with.
  'const $tmModuleOf=class Module{#require;constructor(id,path,filename,paths,require){this.id=id;this.path=path;this.exports={};' +
  'this.filename=filename;this.loaded=false;this.children=[];this.paths=paths;this.#require=require}' +
  'require(id){return this.#require(id)}};' +
  // `full` tells whether the module may look at more than the exports of `module`, or more than the function `require`.
  'const $tmCommonJs=(evaluate,resolve,engine,main,filename,path,full,name=filename)=>{let module;return(parent)=>{if(module===undefined){' +
  'if(!full){module={exports:{},loaded:false};' +
  'try{$tmApply(evaluate,module.exports,[module.exports,resolve,module,filename,path])}' +
  'catch(error){module=undefined;throw error}return module.exports}' +
  'const require=$tmRequireBy(resolve,engine,filename);' +
  'module=new $tmModuleOf(name,path,name===filename?name:`${path}/${name}`,$tmPaths(engine,path),require);' +
  'if(parent!==void 0)module.parent=parent===null?null:new $tmModuleOf(parent,"",parent,[],void 0);' +
  'if(parent===null){module.id=".";main.module=module}require.main=main.module;' +
  'try{$tmApply(evaluate,module.exports,[module.exports,require,module,name,name===filename?path:"."])}' +
  'catch(error){module=undefined;throw error}module.loaded=true}return module.exports}};' +
  // `import.meta`, as in Node.
  'const $tmMetaOf=(require,url,filename,dirname)=>({__proto__:null,...dirname===void 0?{}:{dirname,filename},resolve:(specifier)=>{' +
  'specifier=`${specifier}`;if(/^(?:\\.{0,2}\\/|file:|data:|node:)/.test(specifier))return new URL(specifier,url).href;' +
  'return require.resolveImport(specifier,url)},url});';
