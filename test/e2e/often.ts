/** Automatic backups that run 1.2 seconds after a save, and after the last one. */
export const OFTEN = { 'phlb.autoBackup.mode': 'onSave', 'phlb.autoBackup.intervalMinutes': 0.02 };

/** How long one may take to be there on a busy machine. */
export const RUN = { timeout: 120_000 };

/** So long, and there has been none. */
export const NO_RUN_MS = 5000;
