import { join } from 'node:path';
import express, { Router, type Request, type Response, type NextFunction } from 'express';
import type { Access } from '../access/access.ts';
import type { Guards } from './guards.ts';

/** Vite names what it puts there by content, so a browser may keep it for good. */
const HASHED = '/assets';

/**
 * The built page in `webRoot`. Every path that a browser navigates to gets index.html, for the page routes
 * itself, under one of the server's names; anything else that is not there falls through. Whoever has not given the access
 * code gets door.html in its place, which asks for it; so does who comes with a device's code. What pages are made of
 * is no secret.
 */
export function servePage(webRoot: string, { door, names }: Access, guards: Guards): Router {
  const page = Router();
  page.use(
    HASHED,
    express.static(join(webRoot, HASHED), { index: false, redirect: false, immutable: true, maxAge: '1y' }),
    (_request, response) => void response.sendStatus(404),
  );
  const files = express.static(webRoot, { index: false, redirect: false, cacheControl: false });
  page.use((request, response, next) => {
    // Who gets which page is decided below.
    if (request.path.endsWith('.html')) next();
    else files(request, response, next);
  });
  const send = (file: string, request: Request, response: Response, next: NextFunction): void => {
    response.set('Cache-Control', 'no-cache');
    response.sendFile(file, { root: webRoot, cacheControl: false }, (error) => {
      // A browser that has gone away needs no answer.
      if (error && !request.socket.destroyed) next(error);
    });
  };
  page.get('/{*path}', (request, response, next) => {
    // `Accept: */*` is a script or a picture that is missing, which must not be answered with a page; but at the
    // root it is whoever looks whether the server is there.
    const isNavigation = request.headers.accept?.includes('text/html') === true;
    if (!isNavigation && !(request.path === '/' && request.accepts('html'))) return next();
    const address = names.rightAddress(request.headers, request.socket.localAddress);
    if (isNavigation && address !== null) return response.redirect(307, `${address}${request.originalUrl}`);
    if (!door.admits(request.headers.cookie)) return send('door.html', request, response.status(401), next);
    if (request.path === '/join') return send('door.html', request, response, next);
    guards.requireOwner(request, response, () => send('index.html', request, response, next));
  });
  return page;
}
