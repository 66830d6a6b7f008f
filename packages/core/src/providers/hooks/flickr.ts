import type { ProfileSources } from '../../option-types.js';

/** The address of a person's picture, which stands on the server that the profile names. */
export function buddyIcon({ $ }: ProfileSources): string | undefined {
  const { person } = $ as {
    person?: { nsid?: string; iconserver?: string | number; iconfarm?: number };
  };
  if (!person?.nsid || !(Number(person.iconserver) > 0)) return undefined;
  return `https://farm${person.iconfarm}.staticflickr.com/${person.iconserver}/buddyicons/${person.nsid}.jpg`;
}
