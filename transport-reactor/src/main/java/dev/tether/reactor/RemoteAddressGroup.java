package dev.tether.reactor;

import io.netty.channel.socket.DatagramPacket;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/** The datagrams of one remote address. Drained at once, whatever happens to any connection. */
final class RemoteAddressGroup extends BaseSubscriber<DatagramPacket> {

    private final DatagramRouter router;

    RemoteAddressGroup(DatagramRouter router) {
        this.router = router;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    protected void hookOnNext(DatagramPacket packet) {
        router.route(packet);
    }

    /** The node learns of it from the flux itself. */
    @Override
    protected void hookOnError(Throwable failure) {}
}
