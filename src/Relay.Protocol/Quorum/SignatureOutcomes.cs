using Relay.Protocol.Signatures;

namespace Relay.Protocol.Quorum;

/// <summary>What a check of a signature under its mediator's key means for the quorum.</summary>
public static class SignatureOutcomes
{
    /// <summary>The outcome of a signature that was checked under an enabled key.</summary>
    public static SignatureOutcome Of(SignatureFault fault) => fault switch
    {
        SignatureFault.None => SignatureOutcome.Valid,
        SignatureFault.AlgorithmMismatch => SignatureOutcome.AlgorithmMismatch,
        SignatureFault.WrongLength or SignatureFault.MalformedBatch or SignatureFault.Invalid => SignatureOutcome.BadSignature,
    };
}
