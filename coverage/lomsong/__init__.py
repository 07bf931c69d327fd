"""Find hamlets without usable 4G, say how it is known, and plan where new sites serve most people."""
