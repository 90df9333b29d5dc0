import type { Decision, Fate } from '../policy/fates.ts';
import { otherDecision, portDecisions } from '../policy/fates.ts';
import type { Fence } from '../policy/policy.ts';
import { countriesOf } from '../policy/policy.ts';
import { describePorts } from '../policy/describe.ts';
import { overlapOf } from '../policy/scope.ts';
import type { Advice } from '../report/status.ts';

/** Returns warnings about fences that are as stated, but do not come to what their author may think, or to nothing. */
export const fenceWarnings = (fences: readonly Fence[]): Advice[] => [
  ...http3Warnings(fences),
  ...overriddenWarnings(fences),
  ...idleDenialWarnings(fences),
];

/** Browsers that may use HTTP/3 ask udp/443 for what tcp/443 keeps from them. */
function http3Warnings(fences: readonly Fence[]): Advice[] {
  const at = (protocol: 'tcp' | 'udp'): Fate | undefined =>
    portDecisions(fences, protocol).find(({ range: { from, to } }) => from <= 443 && 443 <= to)?.decision
      .rest;
  const [tcp, udp] = [at('tcp'), at('udp')];
  if (tcp === undefined || udp === undefined || !isLooser(udp, tcp)) return [];
  return [
    {
      message: 'udp/443 is open to some whom tcp/443 keeps out: over HTTP/3 they get in',
      remedy: 'name udp/443 beside tcp/443 in the ports of the fence',
    },
  ];
}

/** Whether somebody gets in by one fate whom another keeps out. */
function isLooser(one: Fate, other: Fate): boolean {
  const denied = one.denies.flatMap(countriesOf);
  if (other.denies.flatMap(countriesOf).some((code) => !denied.includes(code) && admits(one, code)))
    return true;
  if (!isLimited(other)) return false;
  if (!isLimited(one)) return true;
  return countriesOf(one.owner).some((code) => !denied.includes(code) && !admits(other, code));
}

const isLimited = (fate: Fate): fate is Fate & { owner: Fence } =>
  fate.owner !== undefined && fate.owner.countries !== 'everyone';

const admits = (fate: Fate, code: string): boolean =>
  !isLimited(fate) || countriesOf(fate.owner).includes(code);

/** A fence with ports decides on all interfaces, also on one that another fence is about. */
function overriddenWarnings(fences: readonly Fence[]): Advice[] {
  const owners = fences.filter(({ mode, isPreview }) => mode === 'allow' && !isPreview);
  const byPort = owners.filter(({ scope }) => scope.ports.length > 0 && scope.interfaces.length === 0);
  const byInterface = owners.filter(({ scope }) => scope.ports.length === 0 && scope.interfaces.length > 0);
  return byInterface.flatMap((lan) => {
    const names = lan.scope.interfaces.filter(({ not }) => not !== true).map(({ name }) => name);
    return byPort
      .filter(({ scope }) => overlapOf(scope, lan.scope) !== undefined)
      .map((port) => ({
        message: `fence "${port.name}" decides about ${describePorts(port.scope.ports)} on ${names.join(', ') || 'all interfaces'}, not fence "${lan.name}"`,
        remedy: `if "${lan.name}" shall decide there, exclude its interfaces from "${port.name}"${names.length === 0 ? '' : `: interfaces = [${names.map((name) => `"!${name}"`).join(', ')}]`}`,
      }));
  });
}

/** A deny fence that keeps out only those whom the owners do not let in. */
const idleDenialWarnings = (fences: readonly Fence[]): Advice[] => {
  const fates = [
    otherDecision(fences),
    ...(['tcp', 'udp'] as const).flatMap((protocol) =>
      portDecisions(fences, protocol).map(({ decision }) => decision),
    ),
  ].flatMap(fatesOf);
  return fences
    .filter(({ mode, isPreview }) => mode === 'deny' && !isPreview)
    .filter((fence) =>
      fates
        .filter(({ denies }) => denies.includes(fence))
        .every((fate) => !countriesOf(fence).some((code) => admits(fate, code))),
    )
    .map(({ name }) => ({
      message: `fence "${name}" keeps nobody out: the fences that let in what it covers do not admit its countries`,
      remedy: `leave "${name}" out, or widen what the others let in`,
    }));
};

const fatesOf = ({ byInterface, rest }: Decision): Fate[] => [...byInterface.map(({ fate }) => fate), rest];
