using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Relay.Protocol.Negotiations;

namespace Relay.Functions.Callers;

/// <summary>Settings under <c>Relay:Operators</c>: who operates the relay. With none set, whose token has the role.</summary>
public sealed class OperatorOptions
{
    public const string SectionName = "Relay:Operators";

    /// <summary>Value of the app role (claim <c>roles</c>) of an operator's Entra token; 1 to 120 characters.</summary>
    [Required, MaxLength(120)]
    public string Role { get; set; } = "Relay.Operator";

    /// <summary>
    /// Client certificates of operators, each by SHA-256 of its SubjectPublicKeyInfo, hexadecimal or base64url; at most 16.
    /// Who issued a certificate says nothing; the key is pinned.
    /// </summary>
    public IList<string> Certificates { get; } = [];
}

/// <summary>Checks <see cref="OperatorOptions"/> at start.</summary>
internal sealed class OperatorOptionsValidator : IValidateOptions<OperatorOptions>
{
    private const int MaxCertificates = 16;

    public ValidateOptionsResult Validate(string? name, OperatorOptions options)
    {
        var failures = new List<string>();
        if (options.Role is not { Length: > 0 and <= 120 })
        {
            failures.Add(
                $"{OperatorOptions.SectionName}:Role: expected the value of an app role, 1 to 120 characters, got '{options.Role}'.");
        }
        if (options.Certificates.Count > MaxCertificates)
        {
            failures.Add(
                $"{OperatorOptions.SectionName}:Certificates: expected at most {MaxCertificates}, got {options.Certificates.Count}.");
        }

        for (var i = 0; i < options.Certificates.Count; i++)
        {
            if (CallerName.TryParse(options.Certificates[i], out var pin) && pin.PublicKeyHash is not null) continue;
            failures.Add(
                $"{OperatorOptions.SectionName}:Certificates:{i}: expected SHA-256 of a SubjectPublicKeyInfo in 64 hexadecimal digits or "
                + $"43 characters of base64url, got '{options.Certificates[i]}'.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
