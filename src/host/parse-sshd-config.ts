/**
 * Returns the ports that the text of sshd_config(5) states, by Port or with an address by ListenAddress; [] when it
 * states none, which means 22. A port within a Match block would be an error to sshd.
 */
export function parseSshdPorts(text: string): number[] {
  const ports = text.split('\n').flatMap((line) => {
    // Keywords in any case, and "=" in place of the space.
    const [, keyword = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)"?([^\s"#]+)/.exec(line) ?? [];
    switch (keyword.toLowerCase()) {
      case 'port':
        return portIn(/^(\d+)$/, value);
      case 'listenaddress':
        // "host:port", "[host]:port"; of "host" alone, which may be an IPv6 address, the ports are those of Port.
        return portIn(/^(?:\[[^\]]*\]|[^:[\]]*):(\d+)$/, value);
      default:
        return [];
    }
  });
  return [...new Set(ports)];
}

function portIn(pattern: RegExp, value: string): number[] {
  const port = Number(pattern.exec(value)?.[1] ?? 0);
  return port >= 1 && port <= 65_535 ? [port] : [];
}
