export function installExtension(extensionsDir: string): void;
