package dev.tether.reactor.socket;

class NioDatagramSocketTest extends DatagramSocketContract {

    @Override
    UdpSocketOptions options() {
        return UdpSocketOptions.defaults().withPreferNative(false);
    }

    @Override
    SocketCapabilities expectedCapabilities() {
        return new SocketCapabilities(false, false, "nio");
    }
}
