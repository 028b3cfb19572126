# Builds and runs guanjia as a user of its own. Not tried where it was written:
# no container engine could run there. Build: docker build -t guanjia .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=1 go build -trimpath -ldflags '-s -w' -o /guanjia ./bot/cmd/guanjia

FROM debian:bookworm-slim
# espeak-ng speaks on the hotline where no speech model is set.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates espeak-ng tzdata \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --home-dir /data guanjia && install -d -o guanjia -m 0700 /data
COPY --from=build /guanjia /usr/local/bin/guanjia
USER guanjia
ENV GUANJIA_DATA_DIR=/data GUANJIA_HTTP_ADDR=0.0.0.0:8080 GUANJIA_DESK_ADDR=0.0.0.0:8081 GUANJIA_SIP_ADDR=
VOLUME /data
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
ENTRYPOINT ["guanjia"]
CMD ["serve"]
