export * from './boundary-diagnosis.js';
export {
  createBoundaryDiagnosis,
  type Access,
  type BoundaryDiagnosisOptions,
  type BoundaryDiagnosisState,
} from './state.js';
export * from './table.js';
