export { StageFailed } from './errors.js';
export type { Intake } from './intake.js';
export { publishedPipeline, PublishedStage, type PublishedStageMessage } from './published.js';
export { remoteIntake, serveIntake } from './remote.js';
export { Stage, type StageOptions } from './stage.js';
