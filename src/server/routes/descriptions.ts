/** What the routes take and give, for the OpenAPI document. Requests are checked by the routes themselves. */
const json = (schema: object, description: string) => ({ description, content: { 'application/json': { schema } } })

const errorShape = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'hint'],
      properties: {
        code: { type: 'string', examples: ['UNKNOWN_FIELD'] },
        message: { type: 'string' },
        hint: { type: 'string' },
        value: { description: 'The value that is wrong.' },
        suggestion: { type: 'string', description: 'What was probably meant.' },
        request_id: { type: 'string' },
      },
    },
  },
}

const source = { type: 'string', enum: ['cache', 'shotgrid'], description: 'Where this answer comes from.' }
const stale = {
  type: 'object',
  description: 'Only there when ShotGrid could not be asked and this is the last answer known.',
  properties: { age_s: { type: 'integer', description: 'How long ago it was read.' } },
}
const row = {
  type: 'object',
  required: ['type', 'id'],
  properties: { type: { type: 'string' }, id: { type: 'integer' } },
  additionalProperties: true,
}

const errors = {
  400: json(
    errorShape,
    'The request is wrong: unknown type, field or operator, malformed JSON. What is right is said.',
  ),
  401: json(errorShape, 'No valid token.'),
  403: json(errorShape, 'The token names no scope of this server.'),
  502: json(errorShape, 'ShotGrid refused the call.'),
  503: json(errorShape, 'ShotGrid cannot be reached and there is no earlier answer.'),
  504: json(errorShape, 'Only a cached answer was asked for and there is none, or the time is up.'),
}

const askingHeaders = {
  type: 'object',
  properties: {
    'cache-control': { type: 'string', description: 'no-cache, max-age=N or only-if-cached' },
    'x-sgcache-min-seq': { type: 'integer', description: 'Do not answer with less than the log says at this seq.' },
    'if-none-match': { type: 'string', description: 'The ETag of the answer at hand (GET only).' },
  },
}

export const entityRoute = {
  summary: 'One row by its id',
  tags: ['reads'],
  headers: askingHeaders,
  params: {
    type: 'object',
    required: ['type', 'id'],
    properties: {
      type: { type: 'string', description: 'Entity type, for example Shot' },
      id: { type: 'integer', minimum: 1 },
    },
  },
  querystring: {
    type: 'object',
    properties: {
      fields: {
        type: 'string',
        description: 'Field names, separated by commas; dotted paths too. Default: plain fields.',
      },
    },
  },
  response: {
    200: json({ type: 'object', required: ['data', 'source'], properties: { data: row, source, stale } }, 'The row.'),
    304: { description: 'As it was.' },
    404: json(errorShape, 'There is no such row. Cached as well.'),
    ...errors,
  },
}

const querySchema = {
  type: 'object',
  required: ['entity_type'],
  additionalProperties: false,
  properties: {
    entity_type: { type: 'string' },
    filters: {
      description:
        'Conditions [field, operator, value…], groups {filter_operator, filters}, or a tree {logical_operator, conditions}.',
      anyOf: [{ type: 'array' }, { type: 'object' }],
    },
    filter_operator: { type: 'string', enum: ['all', 'any', 'and', 'or'], default: 'all' },
    fields: { type: 'array', items: { type: 'string' }, default: ['id'] },
    order: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field_name'],
        properties: { field_name: { type: 'string' }, direction: { type: 'string', enum: ['asc', 'desc'] } },
      },
    },
    limit: { type: 'integer', minimum: 1, description: 'Rows of a page. Default 500.' },
    page: { type: 'integer', minimum: 1 },
    retired_only: { type: 'boolean', default: false },
    include_archived_projects: { type: 'boolean', default: true },
    additional_filter_presets: { type: 'array', items: { type: 'object' } },
  },
  examples: [
    {
      entity_type: 'Shot',
      filters: [['sg_status_list', 'in', ['ip', 'rev']]],
      fields: ['code', 'sg_status_list'],
      order: [{ field_name: 'code' }],
      limit: 100,
    },
  ],
}

const queryResponse = {
  200: json(
    {
      type: 'object',
      required: ['data', 'has_more', 'source'],
      properties: {
        data: { type: 'array', items: row },
        has_more: { type: 'boolean', description: 'Whether there may be further rows.' },
        source,
        stale,
      },
    },
    'The rows.',
  ),
  ...errors,
}

export const queryRoute = {
  summary: 'Rows by a query',
  tags: ['reads'],
  headers: askingHeaders,
  body: querySchema,
  response: queryResponse,
}

export const queryByGetRoute = {
  summary: 'Rows by a query, as a cacheable GET',
  tags: ['reads'],
  headers: askingHeaders,
  querystring: {
    type: 'object',
    required: ['q'],
    properties: { q: { type: 'string', description: 'The body of POST /query, as JSON.' } },
  },
  response: { ...queryResponse, 304: { description: 'As it was.' } },
}

const word = (description: string) => ({
  description,
  content: { 'application/json': { schema: { type: 'object', properties: { status: { type: 'string' } } } } },
})

export const liveRoute = {
  summary: 'Does the process answer?',
  tags: ['operation'],
  security: [],
  response: { 200: word('It does.') },
}

export const readyRoute = {
  summary: 'Can this instance answer reads truthfully?',
  tags: ['operation'],
  security: [],
  response: { 200: word('It can.'), 503: word('It is stopping.') },
}

export const healthRoute = {
  summary: 'Does everything work?',
  tags: ['operation'],
  response: { 200: word('It does.'), 503: word('Something does not; the checks say what.') },
}

export const metricsRoute = {
  summary: 'Figures for Prometheus',
  tags: ['operation'],
  response: { 200: { description: 'Prometheus text.', content: { 'text/plain': { schema: { type: 'string' } } } } },
}
