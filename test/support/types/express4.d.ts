declare module 'express4' {
  import express from 'express';
  /** Express 4, typed as Express 5: what the tests use of it is the same in both. */
  export default express;
}
