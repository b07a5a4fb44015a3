// A role for signers. The built-in Key Vault Crypto User also updates and backs up keys: a mediator holding it could re-enable its own
// version after an operator has revoked it, or extend its expiry.
targetScope = 'subscription'

@description('A GUID.')
@minLength(36)
@maxLength(36)
param name string

var here = subscription().id

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: name
  properties: {
    // Unique in the tenant, which may have a relay in more than one subscription.
    roleName: 'Relay key signer, ${subscription().subscriptionId}'
    description: 'Reads one key and signs with it.'
    type: 'CustomRole'
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/keys/read'
          'Microsoft.KeyVault/vaults/keys/sign/action'
        ]
        notDataActions: []
      }
    ]
    assignableScopes: [here]
  }
}
