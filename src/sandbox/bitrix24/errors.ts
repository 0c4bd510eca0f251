// Errors as the REST server words them. The code may be empty, a number or a sentence: that is the vendor's habit.
// Texts of CRM methods come in the portal's language, those of validators in English.

export class RestError extends Error {
  readonly status: number;
  readonly code: string | number;
  /** Further keys of the body. */
  readonly more: Readonly<Record<string, unknown>>;
  constructor(
    status: number,
    code: string | number,
    description: string,
    more: Readonly<Record<string, unknown>> = {},
  ) {
    super(description);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

export function typeNotFound(): RestError {
  return new RestError(400, 'NOT_FOUND', 'Смарт-процесс не найден');
}

export function itemNotFound(): RestError {
  return new RestError(400, 'NOT_FOUND', 'Элемент не найден');
}

export function accessDenied(text = 'Доступ запрещён'): RestError {
  return new RestError(400, 'ACCESS_DENIED', text);
}

export function invalidArgument(text: string): RestError {
  return new RestError(400, 'INVALID_ARG_VALUE', text);
}

export function missingParameter(name: string): RestError {
  return new RestError(400, '100', `Could not find value for parameter {${name}}`);
}

export function methodNotFound(): RestError {
  return new RestError(404, 'ERROR_METHOD_NOT_FOUND', 'Method not found!');
}

/** Methods that only an application may call, called with a webhook. */
export function wrongAuthType(): RestError {
  return new RestError(403, 'WRONG_AUTH_TYPE', 'Current authorization type is denied for this method');
}

export function forbidden(text: string): RestError {
  return new RestError(403, 'ACCESS_DENIED', text);
}

export function missingArgument(name: string): RestError {
  return argumentError(name, `Argument '${name}' is null or empty`);
}

/** The server puts the argument's name beside the code. */
export function argumentError(name: string, text: string): RestError {
  return new RestError(400, 'ERROR_ARGUMENT', text, { argument: name });
}

export function errorBody(error: RestError): Record<string, unknown> {
  return { error: error.code, error_description: error.message, ...error.more };
}
