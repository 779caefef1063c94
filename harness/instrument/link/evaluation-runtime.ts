/**
 * What linked code calls to evaluate ES modules if any of them uses top-level await, as JavaScript text that appears once before
 * the function of such a bundle, after `linkRuntime`. It follows the specification step by step, since programs can tell the order
 * (ECMAScript 2025, 16.2.1.6.1.3 Evaluate and the operations after it).
 *
 * A record has `requested`, a function that returns what it imports, in order: records, or leaves, which have only `run`.
 */
export const evaluationRuntime =
  'const $tmThenOf=$tmPromise.prototype.then,' +
  '$tmThen=(promise,onDone,onFailed)=>$tmApply($tmThenOf,promise,[onDone,onFailed]),' +
  '$tmResolved=(value)=>$tmPromise.resolve(value);' +
  'const $tmLeaf=(run)=>({run,requested:void 0}),' +
  '$tmRecord=(requested,isAsync,run)=>({requested,isAsync,run,status:"linked",failed:false,failure:void 0,' +
  'index:0,low:0,order:0,pending:0,parents:[],root:void 0,result:void 0,settle:void 0});' +
  'let $tmOrders=0;' +
  'const $tmSettle=(record)=>{const{settle}=record;if(settle===void 0)return;' +
  'if(record.failed)settle.reject(record.failure);else settle.resolve()};' +
  'const $tmInner=(record,stack)=>{' +
  'if(record.requested===void 0){(0,record.run)();return}' +
  'if(record.status==="async"||record.status==="done"){if(record.failed)throw record.failure;return}' +
  'if(record.status==="evaluating")return;' +
  'record.status="evaluating";record.index=record.low=stack.length;stack.push(record);' +
  'for(let one of record.requested()){$tmInner(one,stack);if(one.requested===void 0)continue;' +
  'if(one.status==="evaluating")record.low=record.low<one.low?record.low:one.low;' +
  'else{one=one.root??one;if(one.failed)throw one.failure}' +
  'if(one.order>0){record.pending++;one.parents.push(record)}}' +
  'if(record.pending>0||record.isAsync){record.order=++$tmOrders;if(record.pending===0)$tmExecute(record)}else(0,record.run)();' +
  'if(record.low!==record.index)return;' +
  'for(;;){const member=stack.pop();member.status=member.order===0?"done":"async";member.root=record;if(member===record)return}};' +
  'const $tmExecute=(record)=>{$tmThen($tmResolved((0,record.run)()),()=>$tmFulfilled(record),(error)=>$tmFailed(record,error))};' +
  'const $tmFulfilled=(record)=>{if(record.status==="done")return;record.order=0;record.status="done";$tmSettle(record);' +
  'const ready=[];$tmGather(record,ready);ready.sort((first,second)=>first.order-second.order);' +
  'for(const one of ready){if(one.status==="done")continue;if(one.isAsync){$tmExecute(one);continue}' +
  'try{(0,one.run)()}catch(error){$tmFailed(one,error);continue}one.order=0;one.status="done";$tmSettle(one)}};' +
  'const $tmGather=(record,ready)=>{for(const one of record.parents){if(ready.includes(one)||one.root.failed)continue;' +
  'if(--one.pending>0)continue;ready.push(one);if(!one.isAsync)$tmGather(one,ready)}};' +
  'const $tmFailed=(record,failure)=>{if(record.status==="done")return;' +
  'record.failed=true;record.failure=failure;record.status="done";record.order=0;' +
  'for(const one of record.parents)$tmFailed(one,failure);$tmSettle(record)};' +
  // The promise of a module's evaluation, begun now unless it has been.
  'const $tmEvaluate=(record)=>{if(record.root!==void 0)record=record.root;' +
  'if(record.result!==void 0)return record.result;' +
  'record.result=new $tmPromise((resolve,reject)=>{record.settle={resolve,reject}});const stack=[];' +
  'try{$tmInner(record,stack);if(record.order===0)$tmSettle(record)}' +
  'catch(error){for(const one of stack){one.status="done";one.failed=true;one.failure=error;one.order=0}' +
  'record.failed=true;record.failure=error;$tmSettle(record)}' +
  'return record.result};' +
  // The same for a module none of whose imports waits.
  'const $tmEvaluateNow=(record)=>{if(record.status==="evaluating")return;$tmThen($tmEvaluate(record),void 0,()=>void 0);' +
  'if(record.failed)throw record.failure};' +
  'const $tmRefuseAsync=(file)=>{throw Object.assign(new Error(`require() cannot be used on an ESM graph with top-level await. ' +
  'Use import() instead. ${file} or one of its imports has one.`),{code:"ERR_REQUIRE_ASYNC_MODULE"})};' +
  // Evaluates an asynchronous module that is part of a circle: it yields what it awaits.
  'const $tmDrive=(steps)=>new $tmPromise((resolve,reject)=>{const step=(how,value)=>{let result;' +
  'try{result=steps[how](value);if(result.done)resolve();' +
  'else $tmThen($tmResolved(result.value),(value)=>step("next",value),(error)=>step("throw",error))}' +
  'catch(error){reject(error)}};step("next")});' +
  // Notes what a module awaits at its top level: the last place that remains is where it waits.
  'const $tmWaitsIn=(awaited)=>(place,value)=>{const promise=$tmResolved(value),done=()=>{awaited.delete(place)};' +
  'awaited.add(place);$tmThen(promise,done,done);return promise};';
