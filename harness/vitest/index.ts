export { threadmill, threadmill as default } from './plugin.js';
export type { ScenarioTestOptions, ThreadmillPluginOptions } from './options.js';
