import type { PhaseEvent } from './diagnostics-channel.js';

type Attributes = Record<string, string | number>;

/** The part of OpenTelemetry's `Span` that is used. */
interface Span {
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

interface Tracer {
  startActiveSpan<R>(name: string, options: object, run: (span: Span) => R): R;
}

/**
 * The symbol under which `@opentelemetry/api` 1.x stores the application's providers for all its
 * copies.
 */
const home = Symbol.for('opentelemetry.js.api.1');
const failed = 2;

function currentTracer(): Tracer | undefined {
  const api = (globalThis as { [home]?: { trace?: { getTracer(name: string): Tracer } } })[home];
  return api?.trace?.getTracer('oauth-registry');
}

/**
 * Runs a phase in an OpenTelemetry span if the application has a tracer provider. Uses the
 * application's `@opentelemetry/api`, so there is nothing to import or configure.
 */
export function spanned<R>(event: PhaseEvent, step: () => Promise<R>): Promise<R> {
  const tracer = currentTracer();
  if (!tracer) return step();
  const { client, phase } = event;
  const attributes = { 'oauth.client': client, 'oauth.phase': phase };
  return tracer.startActiveSpan(`oauth ${phase}`, { attributes }, async (span) => {
    try {
      return await step();
    } finally {
      span.setAttributes(attributesOf(event));
      if (event.error) span.setStatus({ code: failed, message: codeOf(event) });
      span.end();
    }
  });
}

/** Returns span attributes named by OpenTelemetry's semantic conventions. */
function attributesOf(event: PhaseEvent): Attributes {
  const { method, status = event.error?.providerStatus, error } = event;
  return {
    ...(method === undefined ? {} : { 'http.request.method': method }),
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
    ...(error ? { 'error.type': codeOf(event) } : {}),
  };
}

function codeOf({ error }: PhaseEvent): string {
  return error?.code ?? error?.name ?? '';
}
