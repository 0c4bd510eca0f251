# jira-crm-sync as a container: `docker build -t jira-crm-sync .`; how to run it stands in docs/operations.md.
# What is built is `npm run build`: one folder that needs nothing but Node. The lockfile's optional packages have the
# bundler's machine code, and Node itself for machines with an old one: both stay behind in this stage.
FROM node:26.10.0-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY src ./src
COPY build ./build
COPY config/sync.example.yaml ./config/
COPY config/examples ./config/examples
RUN npm run build && mkdir empty

# Node and what it needs to run, without a shell, a package manager, or root.
FROM gcr.io/distroless/nodejs26-debian13:nonroot
ENV NODE_ENV=production
# Where the container's own check asks; changes with server.admin.listen.
ENV HEALTH_URL=http://127.0.0.1:8081/healthz
# Relative paths are meant from here: config/sync.yaml is /config/sync.yaml, data/state.db is /data/state.db.
WORKDIR /
COPY --from=build /app/dist /app
# The state is the only thing written (besides /tmp, where `plan` and `verify` put their copy of it), so the root file
# system can be read-only.
COPY --from=build --chown=65532:65532 /app/empty /data
VOLUME /data
USER 65532:65532
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(process.env.HEALTH_URL).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "--disable-warning=ExperimentalWarning", "--disable-proto=delete", "--max-semi-space-size=4", "/app/main.js"]
CMD ["run"]
