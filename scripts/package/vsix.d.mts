export const vsixLimitBytes: number;
export function vsixName(): string;
export function packVsix(vsix: string, stdio?: 'inherit' | 'ignore'): Promise<number>;
export function installVsix(vsix: string, folders: { dataDir: string; extensionsDir: string }): Promise<void>;
