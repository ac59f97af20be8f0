package dev.tether.reactor;

import dev.tether.core.TransportSettings;
import dev.tether.core.noise.KeyPair;
import dev.tether.reactor.socket.NodeEnvironment;
import dev.tether.reactor.socket.UdpSocketOptions;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** What a {@link ReactiveTransport} has collected. Its components are named like the setters there. */
record TransportConfig(
        @Nullable KeyPair identity,
        @Nullable String host,
        int port,
        NodeEnvironment environment,
        boolean preferNative,
        TransportSettings settings,
        @Nullable Consumer<? super PeerConnection> onConnection,
        @Nullable Function<? super PeerConnection, ? extends Publisher<Void>> handler,
        @Nullable Function<? super ConnectionRequest, ? extends Publisher<Admission>> admission,
        RendezvousConfig rendezvous) {

    static final TransportConfig DEFAULT = new TransportConfig(
            null,
            null,
            0,
            new SystemEnvironment(null),
            true,
            TransportSettings.defaults(),
            null,
            null,
            null,
            RendezvousConfig.NONE);

    /** Whether the application has asked to be called with each connection. */
    boolean hasConnectionCallback() {
        return onConnection != null;
    }

    UdpSocketOptions socketOptions() {
        return UdpSocketOptions.defaults().withPreferNative(preferNative).withOutboundLimit(settings.outboundQueue());
    }

    InetSocketAddress bindAddress() {
        return host == null ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    }

    TransportConfig withIdentity(KeyPair identity) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withHost(String host) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withPort(int port) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withEnvironment(NodeEnvironment environment) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withPreferNative(boolean preferNative) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withSettings(TransportSettings settings) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withOnConnection(Consumer<? super PeerConnection> onConnection) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withHandler(Function<? super PeerConnection, ? extends Publisher<Void>> handler) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withAdmission(Function<? super ConnectionRequest, ? extends Publisher<Admission>> admission) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }

    TransportConfig withRendezvous(RendezvousConfig rendezvous) {
        return new TransportConfig(
                identity,
                host,
                port,
                environment,
                preferNative,
                settings,
                onConnection,
                handler,
                admission,
                rendezvous);
    }
}
