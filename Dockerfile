# jira-crm-sync as a container: `docker build -t jira-crm-sync .`; how to run it stands in docs/operations.md.
# The image's own Node runs the sources as they are. The optional dependencies are Node itself for machines that have
# an old one, and the development dependencies are for tests: neither belongs in here.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:26-slim
ENV NODE_ENV=production
# Where the container's own check asks; changes with server.admin.listen.
ENV HEALTH_URL=http://127.0.0.1:8081/healthz
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY src ./src
COPY config/sync.example.yaml ./config/
COPY config/examples ./config/examples
# The state is the only thing written (besides /tmp, where `plan` and `verify` put their copy of it), so the root file
# system can be read-only.
RUN mkdir -p /app/data && chown 1000:1000 /app/data
VOLUME /app/data
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(process.env.HEALTH_URL).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--disable-proto=delete", "src/cli/main.ts"]
CMD ["run"]
