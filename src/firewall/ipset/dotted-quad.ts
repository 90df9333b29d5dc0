/**
 * Returns an IPv6 address or network in groups alone: the kernel's tools write the lowest half of some as a dotted quad
 * ("::ffff:192.0.2.0/120"). Any other text is returned as it is.
 */
export const withoutDots = (text: string): string =>
  text.replace(/(?<=:)(\d+)\.(\d+)\.(\d+)\.(\d+)/, (_, ...octets: string[]) => {
    const [a, b, c, d] = octets.slice(0, 4).map((octet) => Number(octet).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  });
