/** An image's name in one form, so that `alpine`, `docker.io/library/alpine:latest` and a digest of it are equal. */
export function canonicalImage(name: string): string {
  const [withoutDigest = ''] = name.split('@');
  const short = withoutDigest.replace(/^(?:index\.)?docker\.io\//, '').replace(/^library\//, '');
  // A colon before the last slash belongs to a registry's port.
  return short.lastIndexOf(':') > short.lastIndexOf('/') ? short : `${short}:latest`;
}
