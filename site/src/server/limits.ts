/** 1 MiB: the largest body that any route takes. */
export const bodyLimitBytes = 1024 * 1024;
