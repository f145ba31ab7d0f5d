# An image that starts aioli: `scripts/package --docker` makes it of the package in target/package.
#   docker run --rm aioli:0.1.0 fetch --limit 6 'httpbin:/get?a={0..11}'
#   docker run --rm -p 8080:8080 aioli:0.1.0 httpbin --host 0.0.0.0
FROM debian:stable-slim
ARG PACKAGE
ADD ${PACKAGE}.tar.gz /opt/
RUN ln -s /opt/${PACKAGE}/bin/aioli /usr/local/bin/aioli
USER nobody
WORKDIR /tmp
EXPOSE 8080
ENTRYPOINT ["aioli"]
CMD ["--help"]
