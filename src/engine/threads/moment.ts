/** What is done sooner than threads start: the engine's own thread does it (docs/design.md). One place for all that guess it. */

/** Of the own thread's time, ms: about what it takes to start them, in CPU time of all of them (docs/performance.md). */
export const MOMENT_MS = 200;
/** Files of a source that are compared in it, at most. */
export const MOMENT_FILES = 8000;
/** Directories at hand in it, at most, where nobody knows how many there are: where there are more, more will come. */
export const MOMENT_DIRECTORIES = 100;
/** What of a file is read and hashed in it, at most, bytes. */
export const MOMENT_BYTES = 4 << 20;
/** The part of a manifest that is compared with what stands on the disk in it, at most, bytes: about a thousand names. */
export const MOMENT_LINES = 256 << 10;
