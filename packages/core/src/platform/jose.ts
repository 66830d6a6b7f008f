export { EncryptJWT, exportJWK, importJWK, importPKCS8, jwtDecrypt, jwtVerify } from 'jose';
