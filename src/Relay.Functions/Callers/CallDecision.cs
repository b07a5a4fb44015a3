namespace Relay.Functions.Callers;

/// <summary>A decision about a call.</summary>
/// <param name="Verdict">What is decided.</param>
/// <param name="Caller">What the caller has proved.</param>
/// <param name="Detail">What was expected and what came; empty when allowed.</param>
/// <param name="Principal">Of an operator, its object id or the first 16 digits of its key's hash, for the log; else empty.</param>
public readonly record struct CallDecision(CallVerdict Verdict, CallerClass Caller, string Detail, string Principal);
