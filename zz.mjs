import { buildLibrary } from './dist/harness/test-files/build-library.js';
import { prepareTestProgram } from './dist/harness/test-files/make-program.js';
import { ControlledEngine } from './dist/harness/engine/controlled/engine.js';
import { compileScenario } from './dist/harness/instrument/bundle.js';
import { defaultLimits } from './dist/harness/scenario/limits.js';
import * as fc from 'fast-check';
const lib = await buildLibrary();
const make = prepareTestProgram(lib, {test:'adds',name:'x',limits:{},freshPackages:[]}, ()=>{});
const compiled = await compileScenario({file:'/tmp/tc/p/test/small.test.ts', projectDirectory:'/tmp/tc/p', hasTests:true});
const engine = new ControlledEngine(1000);
setImmediate(() => {
engine.load(compiled, fc, undefined, make); engine.configure(defaultLimits);
const plan={writers:0,readers:1,params:{},schedule:{order:[],preemptions:[],choices:[],randomSeed:0}};
for (let k=0;k<6;k++){ const t=process.cpuUsage(); for(let i=0;i<100;i++) engine.execute(plan,0); const u=process.cpuUsage(t); console.log('cpu ms each', (u.user+u.system)/1000/100, engine.held, engine.steps); }
process.exit();
});
