export interface Sample {
  /** the workspace folder; must not exist yet */
  folder: string;
  backupRoot: string;
  /** the environment of the runs that take the snapshots */
  env: NodeJS.ProcessEnv;
}
export function makeSample(sample: Sample): Promise<void>;
