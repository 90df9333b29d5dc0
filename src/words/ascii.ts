/** Bytes of texts that are read byte by byte: ASCII (RFC 20). */
export const LF = 0x0a;
export const SPACE = 0x20;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const COLON = 0x3a;
