package dev.tether.examples;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tether.core.TransportSettings;
import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.ReactiveTransport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of every command that runs a node. */
final class NodeOptions {

    private static final Duration MAX_KEEP_ALIVE = Duration.ofSeconds(2);

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description = "the key file of this peer, made by 'tether keygen' (default: a new identity for each run)")
    private @Nullable Path identity;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "when a silent peer is given up, such as 500ms, 10s, 2m (default: ${DEFAULT-VALUE})")
    private Duration idleTimeout = Duration.ZERO;

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            defaultValue = "10s",
            description = "how long to wait for a peer's first answer (default: ${DEFAULT-VALUE})")
    private Duration connectTimeout = Duration.ZERO;

    @Option(
            names = "--datagram",
            paramLabel = "BYTES",
            description = "the size of a full datagram, 1200 to 65000; the path must carry it (default: 1200)")
    private int datagram = TransportSettings.MIN_DATAGRAM_SIZE;

    @Option(names = "--nio", description = "use Java's own sockets, not the native ones")
    private boolean nio;

    @Option(
            names = {"-v", "--verbose"},
            description = "log what happens to standard error, and print stack traces")
    private boolean verbose;

    /**
     * The transport that the options describe.
     *
     * @throws IOException if the key file cannot be read
     * @throws ParameterException if a value is out of its range
     */
    ReactiveTransport transport() throws IOException {
        if (verbose) {
            logger(org.slf4j.Logger.ROOT_LOGGER_NAME).setLevel(Level.INFO);
            logger("dev.tether").setLevel(Level.DEBUG);
        }
        ReactiveTransport transport = anonymousTransport();
        KeyPair key = identity == null ? null : KeyFile.read(identity);
        return key == null ? transport : transport.identity(key);
    }

    /** As {@link #transport()}, but each node that it binds has a key of its own, which is new. */
    ReactiveTransport anonymousTransport() {
        return ReactiveTransport.create().settings(settings()).preferNative(!nio);
    }

    /** Whether the identity outlives the run. */
    boolean hasIdentity() {
        return identity != null;
    }

    private TransportSettings settings() {
        Duration third = idleTimeout.dividedBy(3);
        try {
            return TransportSettings.defaults().toBuilder()
                    .handshakeTimeout(connectTimeout)
                    .idleTimeout(idleTimeout)
                    .keepAlive(third.compareTo(MAX_KEEP_ALIVE) < 0 ? third : MAX_KEEP_ALIVE)
                    .datagramSize(datagram)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
