# syntax=docker/dockerfile:1
# The image of one service: docker build --build-arg SERVICE=ingest -t k8sta/ingest:dev .
ARG NODE=24-bookworm

# What the service is made of, and nothing else of the repository.
FROM node:${NODE}-slim AS pruned
ARG SERVICE
WORKDIR /repo
COPY . .
RUN npx --yes turbo@$(node -p 'require("./package.json").devDependencies.turbo') prune $(node -p "require('./services/$SERVICE/package.json').name") $([ ! -d cli ] || echo @k8sta/cli) --docker
RUN cp tsconfig.base.json tsconfig.build.json out/full/ && mkdir -p out/full/scripts && cp scripts/bundle.mjs out/full/scripts/

# Compiled; with the compilers and headers that nodegit wants.
FROM node:${NODE} AS built
WORKDIR /repo
COPY --from=pruned /repo/out/json/ .
RUN npm ci
COPY --from=pruned /repo/out/full/ .
RUN npx turbo run build
RUN npm prune --omit=dev
# The sources, and all of nodegit that its compiler needed: 90 MB.
RUN rm -rf libs/*/src services/*/src services/*/web/src cli/src .turbo */*/.turbo node_modules/.cache \
  && if [ -d node_modules/nodegit ]; then cd node_modules/nodegit && rm -rf vendor src include build/vendor build/Release/.deps build/Release/*.a; fi

FROM node:${NODE}-slim
ARG SERVICE
# nodegit is linked with Kerberos, and reads the system's certificate authorities.
RUN if [ "$SERVICE" = promoter ]; then apt-get update && apt-get install --yes --no-install-recommends libgssapi-krb5-2 ca-certificates && rm -rf /var/lib/apt/lists/*; fi
WORKDIR /app
COPY --from=built /repo/ .
RUN ln -s services/$SERVICE service
ENV NODE_ENV=production
ENV PATH=/app/node_modules/.bin:$PATH
USER 1000:1000
# V8 by default lets the youngest objects of a busy moment fill 48 MB, and keeps that; here it is 6 MB
# (docs/performance.md, "At rest"). One helper thread instead of four saves 3 MB per service. The sandbox starts the services with the same arguments.
CMD ["node", "--max-semi-space-size=2", "--v8-pool-size=1", "--enable-source-maps", "service/dist/main.js"]
