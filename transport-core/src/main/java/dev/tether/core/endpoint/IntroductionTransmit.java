package dev.tether.core.endpoint;

import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.IntroductionFrame;

/**
 * A frame that a gateway sends on its connection with a peer.
 *
 * @param to the peer; if there is no connection with it any more, the frame is of no use
 */
public record IntroductionTransmit(PeerIdentity to, IntroductionFrame frame) {}
