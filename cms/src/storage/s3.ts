import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { Environment } from '../environment.ts';

/** How the storage is reached, for pictures and for what is private. */
export function storageOptions(environment: Environment): S3ClientConfig {
  return {
    endpoint: environment.S3_ENDPOINT,
    region: environment.S3_REGION,
    credentials: {
      accessKeyId: environment.S3_ACCESS_KEY_ID,
      secretAccessKey: environment.S3_SECRET_ACCESS_KEY,
    },
    forcePathStyle: true,
    // Not every storage that speaks S3 knows the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}
