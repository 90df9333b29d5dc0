/** A character that a terminal would obey or not show as it is; line ends are none. */
export const OBEYED = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
