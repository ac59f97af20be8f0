package dev.tether.examples;

import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options of a command that waits for peers. */
final class BindOptions {

    /** An address for documentation (RFC 5737): nothing is sent to it, it only stands for "outside". */
    private static final InetSocketAddress OUTSIDE = new InetSocketAddress("192.0.2.1", 9);

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(names = "--host", paramLabel = "HOST", description = "the address to listen at (default: all of this host)")
    private @Nullable String host;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "0",
            description = "the UDP port to listen at (default: chosen by the system)")
    private int port;

    @Option(
            names = "--advertise",
            paramLabel = "HOST",
            description = "the host in the printed address, if others reach this one by another name")
    private @Nullable String advertised;

    /** Makes {@code transport} listen where the options say. */
    ReactiveTransport apply(ReactiveTransport transport) {
        try {
            ReactiveTransport bound = transport.port(port);
            return host == null ? bound : bound.host(host);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    /** Prints the address of a node in a line of its own, the first one, and then how long it will hold. */
    void announce(TransportNode node, NodeOptions options, Console console) {
        console.line(node.addressAs(advertised == null ? hostOf(node.localAddress()) : advertised)
                .toString());
        if (!options.hasIdentity()) {
            console.line("The key in this address is new and lasts for this run; --identity FILE keeps one.");
        }
    }

    /** The host under which a bound socket can be reached: itself, or the address of this host towards the outside. */
    private static String hostOf(InetSocketAddress bound) {
        if (!bound.getAddress().isAnyLocalAddress()) {
            return bound.getAddress().getHostAddress();
        }
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(OUTSIDE);
            InetAddress local = socket.getLocalAddress();
            return local.isAnyLocalAddress() ? loopback() : local.getHostAddress();
        } catch (IOException | RuntimeException e) {
            // No route to the outside: the host can be reached from itself only.
            return loopback();
        }
    }

    private static String loopback() {
        return "127.0.0.1";
    }
}
