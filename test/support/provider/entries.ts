/** A table whose entries have one type; its declaration lists the names only. */
export function entries<Entry>() {
  return <Name extends string>(table: Record<Name, Entry>): Readonly<Record<Name, Entry>> => table;
}
