const NEW = '.new';
const EDITED = '.edit';

/** The set that is filled beside the one in use, then exchanged with it. */
export const newSet = (name: string): string => `${name}${NEW}`;

/** The same for a change of its entries: that may happen at any time, also while the other is being filled. */
export const editedSet = (name: string): string => `${name}${EDITED}`;

/** Whether a set is one that a killed run left half made, or another run is making. */
export const isUnfinished = (name: string): boolean => name.endsWith(NEW) || name.endsWith(EDITED);

/** What is known of a set by its name alone. */
export const stateOfName = (name: string): { readonly isUnfinished?: true; readonly editOf?: string } => ({
  ...(isUnfinished(name) ? { isUnfinished: true } : {}),
  ...(name.endsWith(EDITED) ? { editOf: name.slice(0, -EDITED.length) } : {}),
});
