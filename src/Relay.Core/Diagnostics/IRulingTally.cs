using Relay.Core.Rulings;
using Relay.Protocol.Envelopes;

namespace Relay.Core.Diagnostics;

/// <summary>Is told of everything that was decided, to count it. Safe for concurrent use; never throws and never waits.</summary>
public interface IRulingTally
{
    /// <summary>A message off a queue was settled.</summary>
    /// <param name="ruling">By this ruling.</param>
    /// <param name="queue">The queue it came off.</param>
    /// <param name="took">Receipt to settlement.</param>
    void Ruled(Ruling ruling, Lane queue, TimeSpan took);

    /// <summary>A submission over HTTP was refused.</summary>
    void Refused(Ruling ruling);

    /// <summary>An envelope that was held has been forwarded, after others had settled its message.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="contentLength">Bytes of its content, as sealed.</param>
    void Released(EnvelopeId id, int contentLength);
}
