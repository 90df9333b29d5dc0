const NEW = '.new';
const EDITED = '.edit';
const SECOND = '.alt';

/** The name of the set that is filled beside `name`, then exchanged with it: "geofence-main-allow-4.new". */
export const newSet = (name: string): string => `${name}${NEW}`;

/**
 * The name of the set that a change of entries fills beside `name`, then exchanges with it: "geofence-ban-4.edit".
 * Another name than newSet() gives, for both may be filled at once.
 */
export const editedSet = (name: string): string => `${name}${EDITED}`;

/**
 * The name of a second set that is filled beside `name`, where one exchange is not enough: "geofence-main-deny-4.alt".
 * Rules may look at it for a moment.
 */
export const secondSet = (name: string): string => `${name}${SECOND}`;

/** The name of the set that one of this name stands in for; undefined unless it is a second set. */
export const firstSet = (name: string): string | undefined =>
  name.endsWith(SECOND) ? name.slice(0, -SECOND.length) : undefined;

/**
 * Whether a name is one that newSet() or editedSet() gives: a killed run left that set half made, or another run is
 * making it.
 */
export const isUnfinished = (name: string): boolean => name.endsWith(NEW) || name.endsWith(EDITED);

/** What the name alone tells of a set: whether it is unfinished, and whose entries it edits. */
export const stateOfName = (name: string): { readonly isUnfinished?: true; readonly editOf?: string } => ({
  ...(isUnfinished(name) ? { isUnfinished: true } : {}),
  ...(name.endsWith(EDITED) ? { editOf: name.slice(0, -EDITED.length) } : {}),
});
