# Both commands as static binaries in an image without anything else.
#
#   docker build --tag specwright .                          # ges and specwright
#   docker build --target emulator --tag ges-emulator .      # the emulator on port 8080, with a health check

FROM rust:1.95-alpine3.22 AS build
# hadolint ignore=DL3018
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
# On Alpine, the target is musl, and what is built for it is static.
RUN cargo build --locked --profile dist --package ges-cli --package specwright \
    && cargo xtask release-files --licences \
    && mkdir -p /image/usr/local/bin /image/etc/ssl/certs /image/licenses /image/work \
    && cp target/dist/ges target/dist/specwright /image/usr/local/bin/ \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ \
    && cp LICENSE-MIT LICENSE-APACHE NOTICE.md target/release-files/THIRD-PARTY.txt /image/licenses/

FROM scratch AS commands
COPY --from=build /image/usr /usr
COPY --from=build /image/etc /etc
COPY --from=build /image/licenses /licenses
# Where reports are written, by a user who is nobody.
COPY --from=build --chown=65532:65532 /image/work /work
ENV PATH=/usr/local/bin
WORKDIR /work
USER 65532:65532
CMD ["specwright", "--help"]

FROM commands AS emulator
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["ges", "emulate", "--listen", "127.0.0.1:8080", "--probe"]
CMD ["ges", "emulate", "--listen", "0.0.0.0:8080"]

# The last stage is what is built where none is named.
FROM commands
