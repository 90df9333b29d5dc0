import { GeofenceError, codeOf } from '../errors.ts';
import { fileReason } from './files.ts';

/**
 * Writes, and waits until there is room for more; returns false when nobody reads any more (EPIPE). Throws
 * GeofenceError when it cannot, as on a full disk.
 */
export const writeBytes = async (stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<boolean> =>
  await new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error === undefined || error === null) resolve(true);
      else if (codeOf(error) === 'EPIPE') resolve(false);
      else reject(new GeofenceError(`Cannot write the answer: ${fileReason(error)}`, { cause: error }));
    });
  });
