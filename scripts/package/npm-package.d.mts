export function packCommandLine(folder: string, stdio?: 'inherit' | 'ignore'): Promise<string>;
